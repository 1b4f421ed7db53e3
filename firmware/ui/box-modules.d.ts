/** What the build makes of the firmware's own tables. */
declare module 'virtual:faults-zh' {
  const words: Readonly<Record<string, { readonly what: string; readonly advice: string }>>;
  export default words;
}
declare module 'virtual:faults-en' {
  const words: Readonly<Record<string, { readonly what: string; readonly advice: string }>>;
  export default words;
}
declare module '*.css';

/** Words of the guide: plain, a key or command, or of weight. */
type GuideRun = string | { readonly code: string } | { readonly strong: string };
/** What the build makes of docs/window*.md (scripts/lib/guide-blocks.ts). */
type GuideBlock =
  | { readonly kind: 'title' | 'heading' | 'text'; readonly runs: readonly GuideRun[] }
  | { readonly kind: 'picture'; readonly words: string; readonly file: string }
  | { readonly kind: 'list'; readonly items: readonly (readonly GuideRun[])[] }
  | { readonly kind: 'table'; readonly rows: readonly (readonly (readonly GuideRun[])[])[] };

declare module 'virtual:guide-en' {
  const blocks: readonly GuideBlock[];
  export default blocks;
}

declare module 'virtual:guide-zh' {
  const blocks: readonly GuideBlock[];
  export default blocks;
}
