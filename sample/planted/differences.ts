/** An answer on its way out, to be altered. */
export interface PlantedAnswer {
  readonly headers: Record<string, string | string[] | undefined>;
  /** The parsed body of a JSON answer. */
  readonly body: Record<string, unknown>;
}

/** One difference that the planted build of the service has from the monolith. */
export interface PlantedDifference {
  readonly name: string;
  /** Route of banyan.yaml on which it shows. */
  readonly route: string;
  /** Where the comparer must find it. */
  readonly place: 'header' | 'body';
  readonly path: string;
  /** Paths of requests, with the user's id. */
  readonly on: RegExp;
  /** Which users have it: those whose id this divides. */
  readonly everyId: number;
  readonly alter: (answer: PlantedAnswer) => void;
}

/** Mistakes as real rewrites make them. All are in answers of status 200 to GET, and none stops a client. */
export const plantedDifferences: readonly PlantedDifference[] = [
  {
    name: 'a time cut to the second',
    route: 'user-read',
    place: 'body',
    path: '$.createdAt',
    on: /^\/users\/(\d+)$/,
    everyId: 2,
    alter: ({ body }) => {
      const { createdAt } = body;
      if (typeof createdAt === 'string') body['createdAt'] = createdAt.replace(/\.\d{3}Z$/, '.000Z');
    },
  },
  {
    name: 'a field that the monolith has not',
    route: 'profile-read',
    place: 'body',
    path: '$.source',
    on: /^\/users\/(\d+)\/profile$/,
    everyId: 3,
    alter: ({ body }) => void (body['source'] = 'user-service'),
  },
  {
    name: 'an answer that a cache may keep',
    route: 'preferences-read',
    place: 'header',
    path: 'cache-control',
    on: /^\/users\/(\d+)\/preferences$/,
    everyId: 1,
    alter: ({ headers }) => void (headers['cache-control'] = 'private, max-age=60'),
  },
];

/** What is planted on one path. */
export function plantedOn(path: string): readonly PlantedDifference[] {
  return plantedDifferences.filter(({ on, everyId }) => {
    const id = on.exec(path)?.[1];
    return id !== undefined && Number(id) % everyId === 0;
  });
}
