/** What is remembered on this computer, per user where it is theirs. Storage may be forbidden; then nothing is remembered. */
const PREFIX = 'ipvs.';

export function kept(name: string): string | undefined {
  try {
    return localStorage.getItem(PREFIX + name) ?? undefined;
  } catch {
    return undefined;
  }
}

export function keep(name: string, value: string | undefined): void {
  try {
    if (value === undefined) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, value);
  } catch (error) {
    console.debug('not kept', name, error);
  }
}
