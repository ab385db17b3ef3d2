import { useCallback, useRef, useState } from 'react';
import { type AppError, Failure, settle } from '../../core/errors';
import { forgetReport, keepReport, restoreReport } from './keptReport';
import { readReport, reportText } from './readReport';
import type { Report } from './reportSchema';

// Reached for only when used: where storage is forbidden, even naming it throws.
const storage = () => window.localStorage;

interface OwnReport {
  readonly report: Report | null;
  /** Of the last file. The report before it stays. */
  readonly error: AppError | null;
  /** What came of the last action. */
  readonly said: string;
  readonly open: (files: readonly File[]) => void;
  readonly remove: () => void;
}

/** The visitor's report: read from a file, checked, and kept in this browser until it is removed. */
export function useOwnReport(): OwnReport {
  const [report, setReport] = useState(() => restoreReport(storage));
  const [error, setError] = useState<AppError | null>(null);
  const [said, setSaid] = useState('');
  const latest = useRef(0);

  const open = useCallback((files: readonly File[]) => {
    if (files.length === 0) return;
    const turn = ++latest.current;
    void settle(() => read(files)).then((result) => {
      // A later file, or the removal, counts.
      if (turn !== latest.current) return;
      setError(result.ok ? null : result.error);
      setSaid(result.ok ? openedText(result.value.report, result.value.text) : '');
      if (result.ok) setReport(result.value.report);
    });
  }, []);

  const remove = useCallback(() => {
    latest.current++;
    forgetReport(storage);
    setReport(null);
    setError(null);
    setSaid('Your report is removed.');
  }, []);

  return { report, error, said, open, remove };
}

async function read(files: readonly File[]): Promise<{ report: Report; text: string }> {
  const [file] = files;
  if (file === undefined || files.length > 1) {
    throw new Failure('report-invalid', `These are ${files.length} files: open one at a time.`);
  }
  const text = await reportText(file);
  return { report: readReport(text), text };
}

function openedText({ loads }: Report, text: string): string {
  const kept = keepReport(storage, text);
  return kept
    ? `Opened: ${loads.length} loads. It is kept in this browser until you remove it.`
    : `Opened: ${loads.length} loads. The browser keeps nothing: it lasts until you leave the page.`;
}
