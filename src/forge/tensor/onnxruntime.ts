/**
 * onnxruntime, told before it starts not to look for its maker's telemetry server, nor to keep a device id in
 * the home folder.
 */
import { env } from 'node:process'
import type * as Runtime from 'onnxruntime-node'

env.ORT_DISABLE_TELEMETRY = '1'
const runtime = await import('onnxruntime-node')

export const { InferenceSession, Tensor: OrtTensor } = runtime
export type InferenceSession = Runtime.InferenceSession
export type OrtTensor = Runtime.Tensor
