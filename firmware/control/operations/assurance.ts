import { z } from 'zod';
import { AssuranceMonth, Month, ReportDocument, ReportLanguage } from '../assurance-shapes.ts';
import { operation } from '../operation.ts';

export const assuranceReport = operation({
  name: 'assurance.report',
  title: 'What should have been recorded in a month, what was, and why not, by camera and day',
  effect: 'read',
  right: 'state',
  offline: true,
  input: z.object({
    /** Of the site; the current one when it is left out. */
    month: Month.optional(),
    /** Also as a CSV file or as a page to be printed. */
    document: ReportDocument.default('none'),
    language: ReportLanguage.default('en'),
  }),
  output: AssuranceMonth,
  seen: (month) => month,
  // Its sums and its document are made of the cameras that the asker sees, and of no others.
  handle: async (input, box, { sees }) => box.assurance.report(input, sees),
});
