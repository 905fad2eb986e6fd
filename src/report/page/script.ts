/** Sorts a table by the column whose title is pressed: numbers by their first figure, all else as text. */
export const SCRIPT = `
for (const table of document.querySelectorAll('table[data-sortable]')) {
  const body = table.tBodies[0];
  table.querySelectorAll('thead th').forEach((head, column) => {
    head.querySelector('button').addEventListener('click', () => {
      const up = head.getAttribute('aria-sort') !== 'ascending';
      for (const other of table.querySelectorAll('thead th')) other.removeAttribute('aria-sort');
      head.setAttribute('aria-sort', up ? 'ascending' : 'descending');
      const value = (row) => row.cells[column].textContent.trim();
      const number = (text) => { const found = /-?\\d[\\d,]*\\.?\\d*/.exec(text); return found ? Number(found[0].replaceAll(',', '')) : NaN; };
      const rows = [...body.rows].sort((a, b) => {
        const [x, y] = [number(value(a)), number(value(b))];
        const order = Number.isNaN(x) || Number.isNaN(y)
          ? Number.isNaN(x) - Number.isNaN(y) || value(a).localeCompare(value(b), 'en')
          : x - y;
        return up ? order : -order;
      });
      body.append(...rows);
    });
  });
}
`;
