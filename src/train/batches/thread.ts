/**
 * A thread that makes the batches of one training. It is started with what the batches are made from.
 * @module
 */

import { parentPort, workerData } from 'node:worker_threads';
import { batchesHere } from './batches.js';
import { type BatchRequest, openSource } from './index.js';
import { serveBatches } from './serve.js';

const { kind, settings } = workerData as BatchRequest;
serveBatches(parentPort!, openSource(kind, settings).then(batchesHere));
