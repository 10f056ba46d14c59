export interface ConfigProblem {
  /** `['targets', 'service', 'url']` */
  readonly path: readonly (string | number)[];
  /** What is wrong and what is right, e.g. `must be …`. */
  readonly message: string;
}
