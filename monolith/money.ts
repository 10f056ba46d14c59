/** ISO 4217 code of the one currency of this deployment. All amounts are integers in its minor unit (cents). */
export const currency = 'EUR';
