/** A browser's cookies and redirects, without the browser. */

export interface Jar {
  fetch(url: string | URL, init?: RequestInit): Promise<Response>
  /** Follows redirects to the end; the pages on the way, and the last answer. */
  follow(url: string | URL): Promise<{ response: Response; places: URL[] }>
  get(name: string): string | undefined
  set(name: string, value: string): void
}

/** Cookies are kept by host and path, as they matter here. */
export function newJar(): Jar {
  const cookies = new Map<string, { value: string; path: string; host: string }>()

  const headerFor = (url: URL) =>
    [...cookies]
      .filter(([, { path, host }]) => host === url.host && url.pathname.startsWith(path))
      .map(([key, { value }]) => `${key.split(' ')[1]}=${value}`)
      .join('; ')

  function keep(url: URL, response: Response): void {
    for (const line of response.headers.getSetCookie()) {
      const [pair, ...attributes] = line.split(/; */)
      const [name, value] = [
        pair!.slice(0, pair!.indexOf('=')),
        pair!.slice(pair!.indexOf('=') + 1),
      ]
      const attribute = (wanted: string) =>
        attributes.find((one) => one.toLowerCase().startsWith(wanted))?.split('=')[1]
      const ended = attribute('max-age') === '0' || /1970/.test(attribute('expires') ?? '')
      const key = `${url.host} ${name}`
      if (ended) cookies.delete(key)
      else cookies.set(key, { value, path: attribute('path') ?? '/', host: url.host })
    }
  }

  async function send(at: string | URL, init: RequestInit = {}): Promise<Response> {
    const url = new URL(at)
    const headers = new Headers(init.headers)
    const cookie = headerFor(url)
    if (cookie) headers.set('cookie', cookie)
    const response = await fetch(url, { ...init, headers, redirect: 'manual' })
    keep(url, response)
    return response
  }

  return {
    fetch: send,
    async follow(at) {
      const places: URL[] = []
      for (let url = new URL(at); ; ) {
        places.push(url)
        const response = await send(url)
        const location = response.headers.get('location')
        if (response.status < 300 || response.status > 399 || !location) return { response, places }
        await response.body?.cancel()
        url = new URL(location, url)
      }
    },
    get: (name) => [...cookies].find(([key]) => key.endsWith(` ${name}`))?.[1].value,
    set(name, value) {
      for (const [key, cookie] of cookies) if (key.endsWith(` ${name}`)) cookie.value = value
    },
  }
}
