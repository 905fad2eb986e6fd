import { expect, it } from 'vitest';
import { columnTable } from '../../src/report/layout.js';

it('draws a table: titles of several lines, numbers to the right, wide characters two columns each, no blanks at the ends', () => {
  const columns = [{ title: 'name' }, { title: 'score\n%', align: 'right' as const }, { title: 'note' }];
  const rows = [
    ['猫', '7', ''],
    ['a dog', '12.5', 'two\nlines'],
  ];
  expect(columnTable(columns, rows).split('\n')).toEqual([
    'name   score  note',
    '           %',
    '───────────────────',
    '猫         7',
    'a dog   12.5  two',
    '              lines',
  ]);
});

it('draws the titles where there are no rows', () => {
  expect(columnTable([{ title: 'a' }, { title: 'bc' }], [])).toBe('a  bc\n─────');
});
