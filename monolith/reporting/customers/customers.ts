import type { Sequelize } from 'sequelize';
import type { UserDomainSetting } from '#monolith/user-domain-setting.ts';
import type { Customers } from './customers.types.ts';
import { localCustomers } from './local-customers.ts';
import { remoteCustomers } from './remote-customers.ts';

/** Opens the one seam through which the reports learn of users. */
export function openCustomers(setting: UserDomainSetting, database: Sequelize): Customers {
  return setting.kind === 'remote' ? remoteCustomers({ url: setting.url }) : localCustomers(database);
}
