/**
 * The system calls that an engine's process is refused, as a program for the kernel's filter (classic BPF,
 * `man 2 seccomp`): sockets that could leave the process's own files, new processes, other processes'
 * memory, and the parts of the kernel that no model and no document needs. A refused call fails with
 * EPERM rather than ending the process, so that a library which only tries can go on.
 *
 * `execve` cannot be among them, because the filter is in force when the process itself is started; what
 * it would start is not in the sandbox's file system.
 */

/**
 * Numbers from Linux's `asm/unistd_64.h` (x86-64) and `asm-generic/unistd.h` (64-bit ARM). Refused are: ptrace, process_vm_readv, process_vm_writev, kcmp, pidfd_getfd; bpf,
 * perf_event_open, userfaultfd, io_uring_setup, io_uring_enter, io_uring_register; add_key, request_key,
 * keyctl; unshare, setns, mount, umount2, pivot_root, chroot, open_tree, move_mount, fsopen, fsconfig,
 * fsmount, fspick, mount_setattr, open_by_handle_at, mknod (x86-64), mknodat; init_module, finit_module,
 * delete_module, kexec_load, kexec_file_load, reboot, swapon, swapoff, acct, quotactl, settimeofday,
 * clock_settime, clock_adjtime, adjtimex, syslog; shmget, msgget, semget, mq_open, whose memory is no
 * process's and counts against no limit; modify_ldt, iopl, ioperm (x86-64).
 */
const machines = {
  x64: {
    audit: 0xc000003e,
    socket: 41,
    clone: 56,
    /** `fork`, `vfork`. */
    fork: [57, 58],
    refused: [
      101, 310, 311, 312, 438, 321, 298, 323, 425, 426, 427, 248, 249, 250, 272, 308, 165, 166, 155,
      161, 428, 429, 430, 431, 432, 433, 442, 304, 133, 259, 175, 313, 176, 246, 320, 169, 167, 168,
      163, 179, 164, 227, 305, 159, 103, 29, 68, 64, 240, 154, 172, 173,
    ],
  },
  arm64: {
    audit: 0xc00000b7,
    socket: 198,
    clone: 220,
    fork: [],
    refused: [
      117, 270, 271, 272, 438, 280, 241, 282, 425, 426, 427, 217, 218, 219, 97, 268, 40, 39, 41, 51,
      428, 429, 430, 431, 432, 433, 442, 265, 33, 105, 273, 106, 104, 294, 142, 224, 225, 89, 60,
      170, 112, 266, 171, 116, 194, 186, 190, 180,
    ],
  },
}

const clone3 = 435
const unixSocket = 1
const threadFlag = 0x10000
/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. */
const namespaceFlags = 0x7e020000

const [loadWord, jumpEqual, jumpAtLeast, jumpAnySet, giveBack] = [0x20, 0x15, 0x35, 0x45, 0x06]
const at = { number: 0, machine: 4, firstArgument: 16 }
const [allow, kill, error] = [0x7fff0000, 0x80000000, 0x00050000]
const [notPermitted, noSuchCall] = [1, 38]

type Instruction = [code: number, jumpIfTrue: number, jumpIfFalse: number, value: number]

/** The filter for this machine's processor; null where it is none we know. */
export function seccompFilter({ mayFork }: { mayFork: boolean }): Buffer | null {
  const machine = machines[process.arch as keyof typeof machines]
  if (!machine) return null
  const answer = (value: number): Instruction => [giveBack, 0, 0, value]
  const refuse = answer(error | notPermitted)
  const numbers = [...machine.refused, ...(mayFork ? [] : machine.fork)]
  const program: Instruction[] = [
    [loadWord, 0, 0, at.machine],
    [jumpEqual, 1, 0, machine.audit],
    answer(kill),
    [loadWord, 0, 0, at.number],
    // The 32-bit-pointer variants of x86-64's calls have numbers of their own, from here on.
    [jumpAtLeast, 0, 1, 0x40000000],
    refuse,
    ...numbers.flatMap((number): Instruction[] => [[jumpEqual, 0, 1, number], refuse]),
    // Its flags lie in memory, where a filter cannot look: the C library then uses `clone`.
    [jumpEqual, 0, 1, clone3],
    answer(error | noSuchCall),
    [jumpEqual, 0, 4, machine.socket],
    [loadWord, 0, 0, at.firstArgument],
    [jumpEqual, 0, 1, unixSocket],
    answer(allow),
    refuse,
    [jumpEqual, 0, mayFork ? 3 : 5, machine.clone],
    [loadWord, 0, 0, at.firstArgument],
    [jumpAnySet, 0, 1, namespaceFlags],
    refuse,
    ...(mayFork ? [] : ([[jumpAnySet, 1, 0, threadFlag], refuse] satisfies Instruction[])),
    answer(allow),
  ]
  return encode(program)
}

function encode(program: readonly Instruction[]): Buffer {
  const bytes = Buffer.alloc(program.length * 8)
  for (const [index, [code, jumpIfTrue, jumpIfFalse, value]] of program.entries()) {
    bytes.writeUInt16LE(code, index * 8)
    bytes.writeUInt8(jumpIfTrue, index * 8 + 2)
    bytes.writeUInt8(jumpIfFalse, index * 8 + 3)
    bytes.writeUInt32LE(value >>> 0, index * 8 + 4)
  }
  return bytes
}
