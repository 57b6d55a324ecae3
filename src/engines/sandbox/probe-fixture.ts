/** What a process can do, tried from within: run by the tests in the sandbox of the engines. */
import { spawnSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { Worker } from 'node:worker_threads'
import { channelToServer } from './channel.ts'

export type Attempt =
  | { do: 'read' | 'write' | 'run'; path: string }
  | { do: 'tcp' | 'udp'; host: string; port: number }
  | { do: 'look' }
  | { do: 'allocate' }
  /** Half a gigabyte, in a process that a thread starts. */
  | { do: 'allocate-below' }
  | { do: 'spin' }

export interface Outcome {
  /** Why it failed; null when it worked. */
  error: string | null
  /** What `look` saw. */
  seen?: Seen
}

export interface Seen {
  environment: NodeJS.ProcessEnv
  /** `/proc/self/limits` and `/proc/self/status`. */
  limits: string
  status: string
  processes: number
}

async function attempt(what: Attempt): Promise<Seen | undefined> {
  switch (what.do) {
    case 'read':
      readFileSync(what.path)
      return
    case 'write':
      writeFileSync(what.path, 'x')
      return
    case 'run': {
      const { error } = spawnSync(what.path, ['--version'])
      if (error) throw error
      return
    }
    case 'tcp': {
      const socket = connect(what.port, what.host)
      await once(socket, 'connect')
      socket.destroy()
      return
    }
    case 'udp': {
      const socket = createSocket('udp4')
      const sent = Promise.withResolvers<void>()
      socket.on('error', sent.reject)
      socket.send('x', what.port, what.host, (error) =>
        error ? sent.reject(error) : sent.resolve(),
      )
      return sent.promise.then(() => undefined)
    }
    case 'look':
      return look()
    case 'allocate': {
      const kept: Buffer[] = []
      for (;;) kept.push(Buffer.alloc(64 * 2 ** 20, kept.length + 1))
    }
    case 'allocate-below':
      new Worker(allocateBelow, { eval: true })
      return new Promise(() => {})
    case 'spin':
      for (;;);
  }
}

const allocateBelow = `require('child_process').spawn(process.execPath, [
  '-e', 'globalThis.kept = Buffer.alloc(2 ** 29, 1); process.stdin.resume()'])`

function look(): Seen {
  return {
    environment: process.env,
    limits: readFileSync('/proc/self/limits', 'utf8'),
    status: readFileSync('/proc/self/status', 'utf8'),
    processes: readdirSync('/proc').filter((name) => /^\d+$/.test(name)).length,
  }
}

const channel = channelToServer<Attempt, Outcome>(async (what) => {
  channel.send(
    await attempt(what).then(
      (seen): Outcome => ({ error: null, ...(seen && { seen }) }),
      (error: NodeJS.ErrnoException): Outcome => ({ error: error.code ?? error.message }),
    ),
  )
})
