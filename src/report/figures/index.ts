import { cost } from './cost.js';
import type { Figure } from './figure.js';
import { grades } from './grades.js';
import { interactions } from './interactions.js';
import { learningCurves } from './learning-curves.js';
import { mainEffects } from './main-effects.js';
import { scores } from './scores.js';
import { shots } from './shots.js';

/** Kinds of figures in the order of the page. */
export const FIGURES: readonly Figure[] = [scores, mainEffects, interactions, cost, shots, grades, learningCurves];
