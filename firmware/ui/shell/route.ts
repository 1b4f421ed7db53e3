import { computed, signal } from '@preact/signals';

const here = signal(location.pathname + location.search);

export const path = computed(() => here.value.split('?', 1)[0]!);
/** The parts of the path: `/cameras/front/health` is ['cameras', 'front', 'health']. */
export const parts = computed(() => path.value.split('/').filter(Boolean).map(decodeURIComponent));
export const query = computed(() => new URLSearchParams(here.value.split('?')[1] ?? ''));

addEventListener('popstate', () => {
  here.value = location.pathname + location.search;
});

export function go(to: string, options: { replace?: boolean } = {}): void {
  if (to === here.value) return;
  history[options.replace === true ? 'replaceState' : 'pushState'](null, '', to);
  here.value = to;
  if (options.replace !== true) document.querySelector('main')?.scrollTo(0, 0);
}

/** Changes the query in place: what can be shared of a view stands in its address. */
export function setQuery(changes: Readonly<Record<string, string | undefined>>): void {
  const next = new URLSearchParams(query.value);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined || value === '') next.delete(name);
    else next.set(name, value);
  }
  const text = next.toString();
  go(path.value + (text === '' ? '' : `?${text}`), { replace: true });
}

/** Links within the window stay within it. */
export function takeLinks(root: Element): void {
  root.addEventListener('click', (event) => {
    const { metaKey, ctrlKey, shiftKey, button, target } = event as MouseEvent;
    if (event.defaultPrevented || metaKey || ctrlKey || shiftKey || button !== 0) return;
    const link = (target as Element).closest('a');
    if (!link || link.target !== '' || link.hasAttribute('download') || link.origin !== location.origin) return;
    event.preventDefault();
    go(link.pathname + link.search);
  });
}
