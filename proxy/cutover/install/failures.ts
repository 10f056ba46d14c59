/** Every way in which installing ends that is not the database's own error. */
export type InstallFailure =
  /** A table stayed busy; the message names who holds it. */
  | 'TABLE_BUSY'
  /** Another installer works on this database. */
  | 'INSTALLER_BUSY'
  /** The applier's role can't be one: a superuser, the installer, an owner of a table. */
  | 'APPLIER_UNFIT'
  /** A table or column of the plan is not there, or not of a kind that can be captured. */
  | 'TABLE_UNFIT'
  /** What is installed belongs to another migration or side. */
  | 'OTHER_INSTALLATION'
  /** What is installed is newer than this program. */
  | 'NEWER_INSTALLATION'
  /** Upgrade: nothing is installed. */
  | 'NOT_INSTALLED'
  /** The plan's columns differ from what the outbox holds images of. */
  | 'COLUMNS_CHANGED';

export interface InstallError extends Error {
  readonly code: InstallFailure;
}

export function installError(code: InstallFailure, message: string): InstallError {
  return Object.assign(new Error(message), { code });
}
