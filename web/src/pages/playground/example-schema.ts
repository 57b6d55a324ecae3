/** What the schema editor starts with. */
export const exampleSchema = `{
  "type": "object",
  "properties": {
    "supplier": { "type": "string" },
    "total": { "type": "number" },
    "currency": { "type": "string", "enum": ["EUR", "CHF", "USD"] }
  },
  "required": ["supplier", "total", "currency"]
}`
