/** Sorts a table by the column whose title is pressed: numbers by their first figure, all else as text. */
export const SCRIPT = `
document.addEventListener('click', ({ target }) => {
  const head = target.closest('table[data-sortable] th');
  if (!head) return;
  const heads = [...head.parentElement.cells];
  const column = heads.indexOf(head);
  const up = head.getAttribute('aria-sort') !== 'ascending';
  for (const other of heads) other.removeAttribute('aria-sort');
  head.setAttribute('aria-sort', up ? 'ascending' : 'descending');
  const body = head.closest('table').tBodies[0];
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
`;

/** Puts in what is new whenever the server says that the run has moved; where the reader is, stays. */
export const LIVE_SCRIPT = `
const events = new EventSource('events');
events.addEventListener('changed', async () => {
  const answer = await fetch(location.href);
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  document.querySelector('main').replaceWith(page.querySelector('main'));
});
`;
