const { openEngine } = await import('./dist/engine/index.js'); await openEngine();
const tf = await import('@tensorflow/tfjs-core');
const { train } = await import('./dist/train/loop.js');
const { CONNECTORS } = await import('./dist/model/connectors/index.js');
const { initialise } = await import('./dist/model/parameters.js');
const { takeCompilations } = await import('./dist/engine/compile.js');
const type = process.argv[2] ?? 'c-abstractor';
const config={type,tokens:144,grid:24,encoder_hidden_size:96,hidden_size:96,output_hidden_size:128,heads:4,num_attention_heads:4};
const specs=CONNECTORS[type].specs(config);
const x=Float32Array.from({length:8*576*96},(_,i)=>Math.sin(i)); const y=Float32Array.from({length:8*144*128},(_,i)=>Math.cos(i));
let last=performance.now(); const t=[];
await train({parameters:initialise(specs,0),batches:{facts:{},begin(){},next:async()=>({arrays:{x:{values:x,shape:[8,576,96]},y:{values:y,shape:[8,144,128]}},data:null}),close:async()=>{}},
 loss:(p,b)=>tf.mean(tf.square(tf.sub(CONNECTORS[type].forward(p,config,b.x),b.y))),steps:12,learningRate:1e-3,warmup:0,schedule:'constant',adam:{beta1:.9,beta2:.95,epsilon:1e-8,weightDecay:.1,clip:1},
 onStep:()=>{const n=performance.now();t.push(n-last);last=n;}});
const s=[...t].sort((a,b)=>a-b); console.log(type,'first',t[0].toFixed(0),'median',s[5].toFixed(0),takeCompilations().map(c=>c.seconds));
