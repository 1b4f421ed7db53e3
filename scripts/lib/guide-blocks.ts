/** A guide in Markdown as blocks that the window draws: only what our guides use, and whatever else there is stops the build. */

type Run = string | { readonly code: string } | { readonly strong: string };

export type Block =
  | { readonly kind: 'title' | 'heading' | 'text'; readonly runs: readonly Run[] }
  | { readonly kind: 'picture'; readonly words: string; readonly file: string }
  | { readonly kind: 'list'; readonly items: readonly (readonly Run[])[] }
  | { readonly kind: 'table'; readonly rows: readonly (readonly (readonly Run[])[])[] };

/** Throws for a line that it does not know. */
export function blocksOf(markdown: string): Block[] {
  return markdown
    .trim()
    .split(/\n{2,}/)
    .map(blockOf);
}

function blockOf(text: string): Block {
  const lines = text.split('\n');
  const [first = ''] = lines;
  const picture = /^!\[([^\]]*)\]\(([\w./-]+)\)$/.exec(text);
  if (picture) return { kind: 'picture', words: picture[1]!, file: picture[2]! };
  if (first.startsWith('# ')) return { kind: 'title', runs: runsOf(first.slice(2)) };
  if (first.startsWith('## ')) return { kind: 'heading', runs: runsOf(first.slice(3)) };
  if (first.startsWith('- ')) {
    const items = text.split(/\n(?=- )/).map((item) => runsOf(item.slice(2).replaceAll(/\s*\n\s*/g, ' ')));
    return { kind: 'list', items };
  }
  if (first.startsWith('|')) {
    const rows = lines
      .filter((_line, at) => at !== 1)
      .map((line) =>
        line
          .split('|')
          .slice(1, -1)
          .map((cell) => runsOf(cell.trim())),
      );
    return { kind: 'table', rows };
  }
  if (/^(?:[#>!]|\d+\.|```|\*|<)/.test(first)) throw new Error(`the guide holds what the window cannot draw: ${first}`);
  // Between Chinese lines there is no space.
  return { kind: 'text', runs: runsOf(text.replaceAll(/(?<=[\u3000-\uffef])\n/g, '').replaceAll('\n', ' ')) };
}

function runsOf(text: string): Run[] {
  return text
    .split(/(`[^`]+`|\*\*[^*]+\*\*)/)
    .filter(Boolean)
    .map((part) => {
      if (part.startsWith('`')) return { code: part.slice(1, -1) };
      return part.startsWith('**') ? { strong: part.slice(2, -2) } : part;
    });
}
