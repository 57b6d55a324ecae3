/** The address users reach the server by. */

/** Origin for links that leave the server, from the setting or, without one, as this request came. */
export function originOf(request: Request, publicUrl: string): string {
  return publicUrl ? new URL(publicUrl).origin : new URL(request.url).origin
}
