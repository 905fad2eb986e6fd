import type { QuestionKind } from './question-kind.js';

/** The time that a clock face shows: "two oclock", "two thirty". */
export const clock: QuestionKind = {
  name: 'clock',
  text: 'What time does the clock show?',
  askedOfHeldOut: false,
  answer: ({ label }) => {
    const time = /^([a-z]+)( o'clock|-thirty)$/.exec(label);
    return time ? `${time[1]} ${time[2] === '-thirty' ? 'thirty' : 'oclock'}` : null;
  },
};
