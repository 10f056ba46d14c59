// The text of a value depends on settings of the session that writes it, which is the app's. Read back under ours, the
// text of another setting would be another value or none.

/** A setting that some texts depend on, the value to write them under, and an SQL condition that holds where it is not so. */
interface TextSetting {
  readonly name: string;
  readonly value: string;
  readonly differs: string;
}

const setting = (name: string): string => `pg_catalog.current_setting('${name}')`;

const dateStyle: TextSetting = {
  name: 'DateStyle',
  value: 'ISO, MDY',
  differs: `${setting('DateStyle')} operator(pg_catalog.!~~) 'ISO%'`,
};
const intervalStyle: TextSetting = {
  name: 'IntervalStyle',
  value: 'postgres',
  differs: `${setting('IntervalStyle')} operator(pg_catalog.<>) 'postgres'`,
};
const floatDigits: TextSetting = {
  name: 'extra_float_digits',
  value: '3',
  differs: `${setting('extra_float_digits')}::pg_catalog.int4 operator(pg_catalog.<) 1`,
};
const byteaOutput: TextSetting = {
  name: 'bytea_output',
  value: 'hex',
  differs: `${setting('bytea_output')} operator(pg_catalog.<>) 'hex'`,
};
const timeZone: TextSetting = {
  name: 'TimeZone',
  value: 'UTC',
  differs: `${setting('TimeZone')} operator(pg_catalog.<>) 'UTC'`,
};

const all = [dateStyle, intervalStyle, floatDigits, byteaOutput, timeZone];

/** PostgreSQL's own types whose texts depend on few settings or none, by object id. Every other type: on all. */
const byType: Readonly<Record<number, readonly TextSetting[]>> = {
  // bool, int8, int2, int4, text, oid, json, char, varchar, bpchar, numeric, uuid, jsonb, inet, cidr, name
  ...Object.fromEntries(
    [16, 20, 21, 23, 25, 26, 114, 18, 1043, 1042, 1700, 2950, 3802, 869, 650, 19].map((oid) => [oid, []]),
  ),
  17: [byteaOutput],
  700: [floatDigits],
  701: [floatDigits],
  1082: [dateStyle],
  1083: [],
  1114: [dateStyle],
  // Its offset makes it the same moment in any zone.
  1184: [dateStyle],
  1186: [intervalStyle],
  // text[], varchar[], int4[], int8[], uuid[]
  ...Object.fromEntries([1009, 1015, 1007, 1016, 2951].map((oid) => [oid, []])),
};

/** @param typeIds of all captured columns @param placeTypeIds of the partition key's, whose texts must be the same on both sides */
export function textSettings(typeIds: readonly number[], placeTypeIds: readonly number[]): TextSetting[] {
  const needed = typeIds.flatMap((oid) => byType[oid] ?? all);
  const ofPlace = placeTypeIds.flatMap((oid) => (oid === 1184 ? [timeZone] : []));
  return all.filter((candidate) => needed.includes(candidate) || ofPlace.includes(candidate));
}
