# The only thing node-gyp wants from a Node source tree that a Node-API addon does not need: this file lets the addon
# build against the headers of the package node-api-headers, so that nothing is downloaded (see native/build.mjs).
{
  'variables': { 'v8_enable_pointer_compression%': 0 },
  'target_defaults': {
    'default_configuration': 'Release',
    'configurations': { 'Release': {}, 'Debug': {} },
    'cflags': ['-pthread'],
    'ldflags': ['-pthread'],
    'conditions': [
      ['OS=="mac"', {
        'xcode_settings': { 'OTHER_LDFLAGS': ['-undefined dynamic_lookup'], 'MACOSX_DEPLOYMENT_TARGET': '13.0' },
      }],
    ],
  },
}
