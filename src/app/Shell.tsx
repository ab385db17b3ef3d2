import type { ReactNode } from 'react';
import { Segmented } from '../ui/Segmented';
import { type Theme, useTheme } from '../ui/theme';
import styles from './Shell.module.css';

const NAME = 'RoPE Collapse Playground';

const PAGES = {
  playground: { label: 'Playground', href: './' },
  learn: { label: 'Learn', href: './learn.html' },
  guide: { label: 'Field guide', href: './guide.html' },
} as const;

const NAVIGATION = Object.entries(PAGES);

const THEMES: readonly (readonly [Theme, string])[] = [
  ['system', 'Auto'],
  ['light', 'Light'],
  ['dark', 'Dark'],
];

interface ShellProps {
  readonly page: keyof typeof PAGES;
  /** The page's own heading; the site's name if there is none. */
  readonly title?: string;
  /** One or two sentences under it. */
  readonly lead: ReactNode;
  /** What goes into the page's `<main>`. */
  readonly children: ReactNode;
}

/** What the pages of the site share: the way between them, name, colours, and the word at the foot. */
export function Shell({ page, title = NAME, lead, children }: ShellProps) {
  const [theme, setTheme] = useTheme();
  return (
    <div className={styles.page}>
      <header>
        <div className={styles.bar}>
          <nav aria-label="Pages">
            <ul className={styles.pages}>
              {NAVIGATION.map(([name, { label, href }]) => (
                <li key={name}>
                  <a href={href} aria-current={name === page ? 'page' : undefined}>
                    {label}
                  </a>
                </li>
              ))}
            </ul>
          </nav>
          <Segmented legend="Colours" options={THEMES} value={theme} onChange={setTheme} />
        </div>
        {title !== NAME && <p className="eyebrow">{NAME}</p>}
        <h1 className={styles.title}>{title}</h1>
        <p className={styles.lead}>{lead}</p>
      </header>
      <main className={styles.main}>{children}</main>
      <footer className={styles.footer}>
        Everything runs on this machine. Nothing is fetched from anywhere but this page’s own origin
        {page === 'playground' && ', except a model of a hub that you ask for'}.
      </footer>
    </div>
  );
}
