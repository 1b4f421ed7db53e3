/** What happened and what to do, in Chinese. */
export interface Words {
  readonly what: string;
  readonly advice: string;
}
