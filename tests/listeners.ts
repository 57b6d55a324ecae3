/** Where a process and all below it accept TCP connections, as Linux tells it in /proc. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { descendantsOf } from './processes.ts'

export interface Listener {
  address: string
  port: number
}

const listenState = '0A'

export function tcpListeners(pid: number): Listener[] {
  const listening = new Map([...tableOf('tcp'), ...tableOf('tcp6')])
  const found = new Map<string, Listener>()
  for (const one of [pid, ...descendantsOf(pid)]) {
    for (const inode of socketsOf(one)) {
      const listener = listening.get(inode)
      if (listener) found.set(inode, listener)
    }
  }
  return [...found.values()]
}

/** Listening sockets of this network namespace, by inode. */
function tableOf(protocol: 'tcp' | 'tcp6'): [inode: string, listener: Listener][] {
  const lines = readFileSync(`/proc/net/${protocol}`, 'utf8').trim().split('\n').slice(1)
  return lines
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === listenState)
    .map((fields) => {
      const [address, port] = fields[1]!.split(':') as [string, string]
      // An IPv4 address is one number in the machine's byte order.
      const bytes = address.length === 8 ? Buffer.from(address, 'hex').reverse() : null
      return [
        fields[9]!,
        { address: bytes ? bytes.join('.') : address, port: Number.parseInt(port, 16) },
      ]
    })
}

function socketsOf(pid: number): string[] {
  let descriptors: string[]
  try {
    descriptors = readdirSync(`/proc/${pid}/fd`)
  } catch {
    // It ended between being listed and being read.
    return []
  }
  return descriptors.flatMap((descriptor) => {
    try {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${descriptor}`))?.[1]
      return inode ? [inode] : []
    } catch {
      return []
    }
  })
}
