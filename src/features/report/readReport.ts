import * as v from 'valibot';
import { Failure } from '../../core/errors';
import { describeIssue } from '../../repro/schema';
import { type Report, ReportSchema, SCHEMA, VERSION } from './reportSchema';

/** Bytes: what `training/reproduce.py` keeps to. */
export const LARGEST_REPORT = 200_000;

/**
 * Reads what `training/reproduce.py` wrote.
 * @throws Failure report-invalid, report-version, report-too-large
 */
export function readReport(text: string): Report {
  // No text has fewer bytes than characters.
  checkSize(text.length);
  const candidate = parsedJson(text);
  const { schema, version } = candidate;
  if (schema !== SCHEMA) {
    throw new Failure('report-invalid', `This is not a report: it is not of schema ${SCHEMA}.`);
  }
  if (typeof version === 'number' && Number.isInteger(version) && version > VERSION) {
    throw new Failure(
      'report-version',
      `The report is of version ${version}; this is a reader of version ${VERSION}.`,
    );
  }
  const parsed = v.safeParse(ReportSchema, candidate, { abortEarly: true });
  if (parsed.success) return parsed.output;
  throw new Failure(
    'report-invalid',
    `The report is not valid: ${describeIssue(parsed.issues[0])}.`,
  );
}

/** @throws Failure as `readReport`, and for a file that cannot be read */
export async function reportText(file: File): Promise<string> {
  checkSize(file.size);
  try {
    return await file.text();
  } catch (cause) {
    throw new Failure('report-invalid', 'The file cannot be read.', { cause });
  }
}

function checkSize(size: number): void {
  if (size > LARGEST_REPORT) {
    throw new Failure(
      'report-too-large',
      `The file has more than ${LARGEST_REPORT / 1000} kB, which is the most that a report has.`,
    );
  }
}

function parsedJson(text: string): { schema?: unknown; version?: unknown } {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null) return parsed;
  } catch (cause) {
    throw new Failure('report-invalid', 'This is not a report: it is not JSON.', { cause });
  }
  throw new Failure('report-invalid', 'This is not a report: it is no JSON object.');
}
