/** A process that a hostile file has taken over: it writes to its channel what its argument says. */
import { Socket } from 'node:net'

const pipe = new Socket({ fd: 3, readable: true, writable: true })
pipe.write(Buffer.from(process.argv[2]!, 'base64'))
setInterval(() => {}, 1000)
