# Read by node-gyp in place of the running Node's own build settings, which may ask for tools that are not installed.
{ 'target_defaults': {}, 'variables': {} }
