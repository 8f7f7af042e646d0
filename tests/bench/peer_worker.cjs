// ONNX Runtime under Node, with the lines of bench_worker.cpp:
//   node peer_worker.cjs MODEL INPUTS THREADS
// NODE_PATH names the folder where onnxruntime-node is installed.
'use strict';
const fs = require('fs');
const readline = require('readline');
const ort = require('onnxruntime-node');

const TYPES = {
  f32: ['float32', Float32Array], f64: ['float64', Float64Array], f16: ['float16', Uint16Array],
  i8: ['int8', Int8Array], i16: ['int16', Int16Array], i32: ['int32', Int32Array], i64: ['int64', BigInt64Array],
  u8: ['uint8', Uint8Array], u16: ['uint16', Uint16Array], u32: ['uint32', Uint32Array], u64: ['uint64', BigUint64Array],
};

function readInputs(path) {
  const feeds = {};
  for (const entry of JSON.parse(fs.readFileSync(path, 'utf8'))) {
    if (entry.type === 'bool') {
      feeds[entry.name] = new ort.Tensor('bool', new Uint8Array(fs.readFileSync(entry.file)), entry.dims);
      continue;
    }
    const [name, Elements] = TYPES[entry.type];
    const bytes = new Uint8Array(fs.readFileSync(entry.file));  // a copy, aligned
    feeds[entry.name] = new ort.Tensor(name, new Elements(bytes.buffer), entry.dims);
  }
  return feeds;
}

async function main() {
  const [model, inputs, threads] = process.argv.slice(2);
  const session = await ort.InferenceSession.create(model, {
    executionProviders: ['cpu'], graphOptimizationLevel: 'all', intraOpNumThreads: Number(threads),
    interOpNumThreads: 1, logSeverityLevel: 3,
  });
  const feeds = readInputs(inputs);
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const count = Number(line.split(' ')[1]);
    const begin = process.hrtime.bigint();
    for (let i = 0; i < count; ++i) await session.run(feeds);
    console.log(Number(process.hrtime.bigint() - begin) / 1e9);
  }
}

main().catch((error) => {
  console.error(String(error));
  process.exit(2);
});
