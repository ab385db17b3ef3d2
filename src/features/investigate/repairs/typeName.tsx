import type { Repair } from './repair';

export const typeName: Repair = {
  number: 1,
  title: 'A type that changed its name',
  prose: (
    <p>
      The model’s file imports <code>LossKwargs</code>, which is gone in 5.x. Its successor is{' '}
      <code>TransformersKwargs</code>; on 4.x the new name is filled in where it is missing. It
      types the arguments of a function and computes nothing.
    </p>
  ),
  diff: [
    '- from transformers.utils import LossKwargs',
    '+ import transformers.utils as utils',
    '+ if not hasattr(utils, "TransformersKwargs"):  # 4.x',
    '+     utils.TransformersKwargs = utils.LossKwargs',
    '+ from transformers.utils import TransformersKwargs',
    '',
    '- class ForwardKwargs(LossKwargs): ...',
    '+ class ForwardKwargs(TransformersKwargs): ...',
  ],
  acts: 'on loading',
  here: 'This page runs no Python, so there is nothing to import and no number that could change.',
};
