/**
 * TensorFlow.js' core with its gradients, and its WebAssembly backend. Its bundle for Node leaves the gradients
 * out, and its modules can only be read by a bundler: `tensor.ts` makes one program of this and what it imports.
 */
import * as tf from '@tensorflow/tfjs-core/dist/index.js'
import '@tensorflow/tfjs-core/dist/register_all_gradients.js'
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm/dist/index.js'

/** Starts the backend, whose program lies in this folder. */
export async function startTensorFlow(folder: string): Promise<typeof tf> {
  setWasmPaths(folder)
  await tf.setBackend('wasm')
  await tf.ready()
  return tf
}
