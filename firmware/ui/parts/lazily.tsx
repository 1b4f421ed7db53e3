import type { ComponentType, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';

/** A component whose code comes when it is first shown. */
export function lazily<P extends object>(load: () => Promise<ComponentType<P>>): (props: P) => JSX.Element {
  let found: ComponentType<P> | undefined;
  return (props) => {
    const [, setCount] = useState(0);
    useEffect(() => {
      // Also when another one of it has loaded it meanwhile: this one was drawn without it.
      void load().then((loaded) => {
        found = loaded;
        setCount((count) => count + 1);
      });
    }, []);
    const Found = found;
    return Found ? <Found {...props} /> : <div class="skeleton" aria-busy="true" />;
  };
}
