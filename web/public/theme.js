// Runs before the first paint, so that a dark room never sees a white flash.
// The key and the values are those of src/shell/theme.ts.
;(() => {
  let choice = 'system'
  try {
    choice = localStorage.getItem('bastide-theme') || 'system'
  } catch {
    // Storage may be forbidden by the browser's settings; the system's choice then holds.
  }
  const dark =
    choice === 'dark' || (choice === 'system' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.dataset.theme = dark ? 'dark' : 'light'
})()
