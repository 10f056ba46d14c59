import type { Status } from '#proxy/control/status.ts';

/** What the proxy says about itself at its admin port; `undefined` while it does not answer. */
export async function readProxyStatus(adminUrl: string): Promise<Status | undefined> {
  try {
    const answer = await fetch(`${adminUrl}/status`, { signal: AbortSignal.timeout(2_000) });
    if (answer.ok) return (await answer.json()) as Status;
    await answer.body?.cancel();
    return undefined;
  } catch {
    return undefined;
  }
}
