import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

/** Linux counts CPU time for user space in hundredths of a second, whatever the kernel's own tick is. */
const microsecondsInTick = 10_000;

/**
 * CPU time that a process, with all its threads, has used. Microseconds in steps of 10,000; 0 where there is no /proc or
 * no such process any more.
 */
export function cpuOf(pid: number): number {
  const text = contentsOf(`/proc/${pid}/stat`);
  // The second field is the program's name, which may hold blanks and parentheses.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * microsecondsInTick;
}

export function cpuOfAll(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + cpuOf(pid), 0);
}

/** CPU time that all programs of the machine have used, the time that a hypervisor took away included. Microseconds. */
export function cpuOfMachine(): number {
  const [, user = 0, nice = 0, system = 0, , , , , steal = 0] = (
    contentsOf('/proc/stat').split('\n')[0] ?? ''
  )
    .split(/ +/)
    .map(Number);
  return (user + nice + system + steal) * microsecondsInTick;
}

/** The process and all below it. */
export function treeOf(pid: number): number[] {
  const children = listOf(`/proc/${pid}/task`).flatMap((thread) =>
    contentsOf(`/proc/${pid}/task/${thread}/children`).split(' ').filter(Boolean).map(Number),
  );
  return [pid, ...children.flatMap(treeOf)];
}

/** Most memory that the processes held at once since `forgetPeak`, summed. Bytes; 0 where it can't be known. */
export function peakMemoryOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const kibibytes = /VmHWM:\s+(\d+)/.exec(contentsOf(`/proc/${pid}/status`))?.[1];
    return sum + Number(kibibytes ?? 0) * 1_024;
  }, 0);
}

/** Begins a new peak. Where the kernel does not let us, the peak is that since the process began. */
export function forgetPeak(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      writeFileSync(`/proc/${pid}/clear_refs`, '5');
    } catch {
      // Not ours, not Linux, or gone: what is measured then says so itself.
    }
  }
}

function contentsOf(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}

function listOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
