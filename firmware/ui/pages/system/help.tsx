import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Card, PageHead } from '../../parts/show.tsx';
import { language, t } from '../../words/index.ts';

type Block = GuideBlock;
type Runs = readonly GuideRun[];

/** The guide of the window, in the language of the window. */
export function Help(): JSX.Element {
  const [blocks, setBlocks] = useState<readonly Block[]>();
  useEffect(() => {
    const load = language.value === 'en' ? import('virtual:guide-en') : import('virtual:guide-zh');
    void load.then((found) => setBlocks(found.default));
  }, [language.value]);
  return (
    <>
      <PageHead title={t('system.help')} explain={t('help.explain')} />
      {blocks ? (
        <Card class="guide">
          {blocks.map((block, at) => (
            // Blocks never change their places.
            <Drawn key={at} block={block} />
          ))}
        </Card>
      ) : (
        <div class="skeleton" aria-busy="true" />
      )}
    </>
  );
}

function Drawn({ block }: { block: Block }): JSX.Element | null {
  switch (block.kind) {
    case 'heading':
      return (
        <h2>
          <Words runs={block.runs} />
        </h2>
      );
    case 'text':
      return (
        <p>
          <Words runs={block.runs} />
        </p>
      );
    case 'picture':
      return <img src={block.file} alt={block.words} loading="lazy" width={1280} height={800} />;
    case 'list':
      return (
        <ul>
          {block.items.map((item, at) => (
            <li key={at}>
              <Words runs={item} />
            </li>
          ))}
        </ul>
      );
    case 'table':
      return <GuideTable rows={block.rows} />;
    default:
      return null;
  }
}

function GuideTable({ rows: [head = [], ...rows] }: { rows: readonly (readonly Runs[])[] }): JSX.Element {
  return (
    <div class="table">
      <table>
        <thead>
          <tr>
            {head.map((cell, at) => (
              <th key={at}>
                <Words runs={cell} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, line) => (
            <tr key={line}>
              {row.map((cell, at) => (
                <td key={at}>
                  <Words runs={cell} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Words({ runs }: { runs: Runs }): JSX.Element {
  return (
    <>
      {runs.map((run, at) => {
        if (typeof run === 'string') return run;
        return 'code' in run ? <kbd key={at}>{run.code}</kbd> : <strong key={at}>{run.strong}</strong>;
      })}
    </>
  );
}
