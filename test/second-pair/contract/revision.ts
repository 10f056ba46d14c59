/** What `If-Match` allows: any revision, or one of these. */
export type WantedRevisions = 'any' | readonly number[];

export function entityTag(revision: number): string {
  return `"r${revision}"`;
}

/** `undefined` where there is no condition; a tag of another form is a revision that never is. */
export function wantedRevisions(ifMatch: string | undefined): WantedRevisions | undefined {
  if (ifMatch === undefined) return undefined;
  if (ifMatch.trim() === '*') return 'any';
  return ifMatch.split(',').flatMap((tag) => {
    const digits = /^\s*"r(\d{1,9})"\s*$/.exec(tag)?.[1];
    return digits === undefined ? [] : [Number(digits)];
  });
}

/** RFC 9110, 13.1.2. As the old system has always done it, `Cache-Control: no-cache` asks for the whole answer. */
export function isUnchanged(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  tag: string,
): boolean {
  const condition = headers['if-none-match'];
  if (typeof condition !== 'string' || /\bno-cache\b/.test(String(headers['cache-control'] ?? '')))
    return false;
  return condition.split(',').some((one) => one.trim() === '*' || one.trim().replace(/^W\//, '') === tag);
}
