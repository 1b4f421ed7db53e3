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
