interface Scoped {
  readonly rights?: readonly string[];
  readonly cameras?: readonly { readonly camera: string }[];
}

/** One line for each user. */
export function formatUsers(answer: unknown): string {
  const users = answer as readonly (Scoped & {
    name: string;
    role: string;
    disabled: boolean;
    secondFactor: boolean;
    sessions: number;
    passwordSet: string;
    passwordSetBy: string;
  })[];
  if (users.length === 0) return 'There are no users yet.';
  return users
    .map((user) => {
      const more = [
        ...scopeOf(user),
        `password of ${user.passwordSet.slice(0, 10)}${user.passwordSetBy === user.name ? '' : ` (by ${user.passwordSetBy})`}`,
        ...(user.secondFactor ? ['second factor'] : []),
        ...(user.sessions > 0 ? [`sessions: ${user.sessions}`] : []),
        ...(user.disabled ? ['disabled'] : []),
      ];
      return `${user.name}  ${user.role}  ${more.join(', ')}`;
    })
    .join('\n');
}

/** One line for each token. */
export function formatTokens(answer: unknown): string {
  const tokens = answer as readonly (Scoped & { id: string; name: string; owner: string; expires?: string })[];
  if (tokens.length === 0) return 'There are no tokens.';
  return tokens
    .map((token) => {
      const end = token.expires === undefined ? 'never ends' : `until ${token.expires}`;
      const more = [...scopeOf(token), end, ...(token.owner === '' ? [] : [`of ${token.owner}`])];
      return `${token.id}  ${token.name}  ${more.join(', ')}`;
    })
    .join('\n');
}

function scopeOf({ rights, cameras }: Scoped): string[] {
  const over = cameras ? [`cameras: ${cameras.map(({ camera }) => camera).join(' ') || 'none'}`] : [];
  return rights ? [rights.join(' '), ...over] : over;
}
