/**
 * Nothing leaves: the whole program runs in a network namespace without a route, every embedded feature is
 * used, and a trace of all its system calls, child processes included, shows that no connection outside
 * loopback was even tried. Linux only: it needs strace, unshare and ip.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'

const folder = mkdtempSync(join(tmpdir(), 'bastide-trace-'))
after(() => rmSync(folder, { recursive: true, force: true }))

/** Sockets of these kinds do not leave the machine. */
const staysInside = /sa_family=AF_(UNIX|LOCAL|NETLINK|UNSPEC)\b/
const loopback =
  /sin_addr=inet_addr\("127\.\d+\.\d+\.\d+"\)|inet_pton\(AF_INET6, "(::1|::ffff:127\.[\d.]+)"/

/** The lines of a trace that name an address outside this machine. */
function outside(trace: string): string[] {
  return trace
    .split('\n')
    .filter((line) => /\b(connect|sendto|sendmsg|sendmmsg)\(/.test(line))
    .filter((line) => /sa_family=/.test(line) && !staysInside.test(line) && !loopback.test(line))
}

/** Runs a script in a namespace of its own and returns its output with the trace. */
function traced(name: string, args: string[]) {
  const path = join(folder, `${name}.trace`)
  const shell = 'ip link set lo up && exec strace -f -qq --seccomp-bpf -e trace=network -o "$@"'
  const node = [process.execPath, '--disable-warning=ExperimentalWarning', ...args]
  const command = ['--user', '--map-root-user', '--net', 'sh', '-c', shell, 'sh', path, ...node]
  const { status, stdout, stderr } = spawnSync('unshare', command, {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin`, DATABASE_URL: '' },
  })
  return { status, stdout, stderr, trace: status === null ? '' : readFileSync(path, 'utf8') }
}

function missing(): string | false {
  if (process.platform !== 'linux') return 'network namespaces are Linux only'
  if (spawnSync('strace', ['--version']).error) return 'strace is not installed'
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` }
  const tried = spawnSync('unshare', ['--user', '--map-root-user', '--net', 'ip', 'link'], { env })
  return tried.status === 0 ? false : 'this machine makes no network namespaces (unshare, ip)'
}

const skip = missing()

test('the trace finds whoever tries to leave', { skip }, () => {
  const attempts = `
    const net = require('node:net'), dgram = require('node:dgram')
    for (const host of ['192.0.2.1', '2001:db8::1', '10.0.0.1']) net.connect(9, host).on('error', () => {})
    dgram.createSocket('udp4').send('x', 9, '198.51.100.7', () => process.exit(0))`
  const { trace } = traced('control', ['-e', attempts])
  for (const address of ['192.0.2.1', '2001:db8::1', '10.0.0.1', '198.51.100.7']) {
    assert.ok(
      outside(trace).some((line) => line.includes(address)),
      `${address} went unseen`,
    )
  }
})

test('every embedded feature works without a network, and nothing tries to reach one', {
  skip,
}, () => {
  const { status, stdout, stderr, trace } = traced('program', ['tests/zero-egress/exercise.ts'])
  assert.equal(status, 0, `${stdout}\n${stderr.slice(-2000)}`)
  assert.match(stdout, /did: tensors/)
  assert.match(stdout, /did: a specialist made and served/)
  assert.match(stdout, /did: stop/)
  assert.ok((trace.match(/\bconnect\(/g)?.length ?? 0) > 10, 'the trace saw the program at work')
  assert.deepEqual(outside(trace), [])
})
