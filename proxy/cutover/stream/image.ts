/** A dataset as its images need it known. */
export interface ImageForm {
  readonly datasetId: number;
  /** Its images are texts of whole rows. */
  readonly whole: boolean;
  /** Of the captured table, object id. */
  readonly relation: string;
  /** Fields of the image type. */
  readonly fields: number;
  /** `attnum` of the last column that the image type has. */
  readonly lastColumn: number;
}

/**
 * SQL for the image of an outbox row `o`, in its composite type. Where the table got columns since the installation, an
 * image of a whole row has them at its end, and they are cut off. The catalog is asked once in a statement, under its own
 * snapshot, which sees the new column if it sees a row that has it.
 */
export function imageSql({ datasetId, whole, relation, fields, lastColumn }: ImageForm): string {
  const type = `banyan.image_${datasetId}`;
  if (!whole) return `o.image::${type}`;
  const grown = `(select exists (select from pg_catalog.pg_attribute where attrelid = ${relation}::oid and attnum > ${lastColumn}))`;
  return `(case when ${grown} then substring(o.image from '${firstFields(fields)}') || ')' else o.image end)::${type}`;
}

/** A field of a composite's text: in quotes, with each quote inside doubled, or without any. */
const field = String.raw`(?:"(?:[^"]|"")*"|[^,()"]*)`;

function firstFields(count: number): string {
  return count === 1 ? `^\\(${field}` : `^\\((?:${field},){${count - 1}}${field}`;
}
