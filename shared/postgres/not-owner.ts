import { codeOf } from '#shared/errors/code.ts';

/** What Banyan's gate in the database said of a write that it refused. Nothing of the write's transaction took effect. */
export interface NotOwner {
  readonly group: string;
  readonly bucket: number;
  /** Who takes the writes; `undefined` while the bucket changes hands. */
  readonly owner: 'monolith' | 'service' | undefined;
  /** Rises with each change of hands. PostgreSQL's bigint, hence a text. */
  readonly epoch: string;
}

const notOwnerState = 'BY001';
/** The DETAIL that the gate writes; PostgreSQL does not translate it. */
const detailForm =
  /^group=([a-z][a-z0-9-]{0,62}) bucket=(\d{1,3}) state=(?:follower|fenced) owner=(monolith|service|none) epoch=(\d{1,19}) /;
/** Layers that wrap an error of `pg`: Sequelize has it as `parent` and `original`, others as `cause`. */
const wrappings = ['parent', 'original', 'cause'] as const;
const maxDepth = 5;

/**
 * Reads SQLSTATE BY001 off an error of `pg`, or off what wraps one.
 * @returns `undefined` for every other error, also for a bucket without any state: that is a broken installation, which no
 * other side can help with
 */
export function notOwner(error: unknown, depth = 0): NotOwner | undefined {
  if (!Error.isError(error) || depth > maxDepth) return undefined;
  if (codeOf(error) === notOwnerState) return readDetail('detail' in error ? error.detail : undefined);
  for (const wrapping of wrappings) {
    const inner = wrapping in error ? notOwner((error as Wrapped)[wrapping], depth + 1) : undefined;
    if (inner !== undefined) return inner;
  }
  return undefined;
}

type Wrapped = Error & Readonly<Record<(typeof wrappings)[number], unknown>>;

function readDetail(detail: unknown): NotOwner | undefined {
  const parts = typeof detail === 'string' ? detailForm.exec(detail) : null;
  if (parts === null) return undefined;
  const [, group = '', bucket = '', owner, epoch = ''] = parts;
  return {
    group,
    bucket: Number(bucket),
    owner: owner === 'monolith' || owner === 'service' ? owner : undefined,
    epoch,
  };
}
