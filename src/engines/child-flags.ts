/**
 * Node's flags for the processes of engines. Without Maglev, because its compiling threads may wait for a
 * garbage collection that a process that is ending never runs: it would hang, a model in its memory
 * (nodejs/node#54918).
 */
export const childFlags = ['--disable-warning=ExperimentalWarning', '--no-maglev']
