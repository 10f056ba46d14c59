import type { Check } from '../facts.types.ts';
import { placeOfTable } from '../found-tables.ts';
import type { Remark } from '../remark.types.ts';

/** Numbers that both databases would draw. */
export const sequenceChecks: Check = ({ datasets, sides }) =>
  datasets.flatMap((dataset) =>
    dataset.columns.flatMap((column): Remark[] => {
      if (column.monolith === undefined || column.service === undefined) return [];
      const one = sides.monolith.catalog.find(dataset.tables.monolith);
      const other = sides.service.catalog.find(dataset.tables.service);
      const here = one?.columns.find(({ name }) => name === column.monolith);
      const there = other?.columns.find(({ name }) => name === column.service);
      if (one === undefined || here?.sequence === undefined || there?.sequence === undefined) return [];
      return [
        {
          side: undefined,
          place: placeOfTable(one, column.monolith),
          code: 'ids-drawn-by-both',
          severity: dataset.buckets === 1 ? 'note' : 'warning',
          message: `is drawn by ${here.sequence} in the monolith and by ${there.sequence} in the service; copied rows do not move the sequence of the side that receives them`,
          remedy:
            'While the monolith owns all there is nothing to do. Before the service takes writes the two must draw different numbers: a move sets its sequence beyond the other’s.',
        },
      ];
    }),
  );
