import type {
  LDFeatureStore,
  LDFeatureStoreDataStorage,
  LDFeatureStoreItem,
  LDFeatureStoreKindData,
} from '@launchdarkly/node-server-sdk';

type Items = Map<string, LDFeatureStoreItem>;

export interface FlagStore extends LDFeatureStore {
  /** Rises by one with every change of the data; 0 until the first data are there. */
  readonly version: () => number;
  /** The flag or segment as the SDK keeps it; `undefined` where there is none. */
  readonly flag: (key: string) => LDFeatureStoreItem | undefined;
  readonly segment: (key: string) => LDFeatureStoreItem | undefined;
  /** Tells of what comes from now on, and of data that are there already. */
  readonly follow: (events: StoreEvents) => void;
}

export interface StoreEvents {
  /** All data came, changed or not: the source is in touch. Called after `onChange`. */
  readonly onAll: () => void;
  /** The data changed, and the SDK knows. Runs before anybody can evaluate with them. */
  readonly onChange: () => void;
}

/**
 * The SDK's feature store, in memory and synchronous as the SDK's own, which tells of every change at the moment it
 * counts: whoever looks at `version` before and after a piece of code knows whether that code saw one state of the flags.
 */
export function createFlagStore(): FlagStore {
  let events: StoreEvents = { onAll: () => {}, onChange: () => {} };
  let kinds = new Map<string, Items>();
  let version = 0;

  const find = (namespace: string, key: string): LDFeatureStoreItem | undefined => {
    const item = kinds.get(namespace)?.get(key);
    return item === undefined || item['deleted'] === true ? undefined : item;
  };

  const put = (namespace: string, key: string, item: LDFeatureStoreItem): void => {
    const items = kinds.get(namespace) ?? new Map<string, LDFeatureStoreItem>();
    const old = items.get(key);
    if (old !== undefined && old.version >= item.version) return;
    items.set(key, item);
    kinds.set(namespace, items);
    version += 1;
  };

  const changing = (change: () => void, done: ((error?: Error) => void) | undefined): void => {
    const before = version;
    change();
    // The SDK first: until it is told, it answers every evaluation with the default.
    done?.();
    if (version !== before) events.onChange();
  };

  return {
    version: () => version,
    flag: (key) => find('features', key),
    segment: (key) => find('segments', key),
    follow(newEvents) {
      events = newEvents;
      if (version === 0) return;
      events.onChange();
      events.onAll();
    },
    get(kind, key, callback) {
      callback(find(kind.namespace, key) ?? null);
    },
    all(kind, callback) {
      const found: LDFeatureStoreKindData = {};
      for (const key of kinds.get(kind.namespace)?.keys() ?? []) {
        const item = find(kind.namespace, key);
        if (item !== undefined) found[key] = item;
      }
      callback(found);
    },
    init(allData, callback) {
      const next = asMaps(allData);
      changing(() => {
        if (version > 0 && sameVersions(kinds, next)) return;
        kinds = next;
        version += 1;
      }, callback);
      events.onAll();
    },
    upsert(kind, data, callback) {
      changing(() => put(kind.namespace, data.key, data), callback);
    },
    delete(kind, key, version, callback) {
      changing(() => put(kind.namespace, key, { version, deleted: true }), callback);
    },
    initialized(callback) {
      callback(version > 0);
    },
    close() {},
  };
}

function asMaps(allData: LDFeatureStoreDataStorage): Map<string, Items> {
  // A payload may lack a whole kind, whatever its type says.
  const data: Readonly<Record<string, LDFeatureStoreKindData | undefined>> = allData;
  return new Map(
    Object.entries(data).map(([namespace, items]) => [namespace, new Map(Object.entries(items ?? {}))]),
  );
}

/** LaunchDarkly sends everything again after each reconnect; where no version moved, nothing did. */
function sameVersions(old: ReadonlyMap<string, Items>, next: ReadonlyMap<string, Items>): boolean {
  for (const namespace of ['features', 'segments']) {
    const before = old.get(namespace) ?? new Map<string, LDFeatureStoreItem>();
    const after = next.get(namespace) ?? new Map<string, LDFeatureStoreItem>();
    if (before.size !== after.size) return false;
    for (const [key, item] of after) if (before.get(key)?.version !== item.version) return false;
  }
  return true;
}
