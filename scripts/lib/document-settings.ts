import { describeSettings, type SettingDescription } from '../../firmware/config/index.ts';
import { row } from './markdown.ts';

/** docs/settings.md */
export function settingsPage(): string {
  return [
    '# Settings',
    '',
    '`settings.json` in the data folder, read at start; the box completes it and writes every default out. Names that are not in',
    'this list are refused. Members of lists are written as `cameras[].id`. This page is generated from `firmware/config/schema.ts`',
    'by `npm run docs`.',
    '',
    row(['setting', 'type', 'default', 'meaning']),
    row(['---', '---', '---', '---']),
    ...describeSettings().map((setting) =>
      row([`\`${setting.path}\``, setting.type, defaultOf(setting), `${setting.help}${remarksOf(setting)}`]),
    ),
    '',
  ].join('\n');
}

function defaultOf(setting: SettingDescription): string {
  if (setting.required) return 'must be given';
  return setting.default === undefined ? 'left out' : `\`${JSON.stringify(setting.default)}\``;
}

function remarksOf({ secret, restart }: SettingDescription): string {
  return `${secret ? ' Secret: never shown.' : ''}${restart ? ' Takes effect at the next start.' : ''}`;
}
