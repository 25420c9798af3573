"""Ways back: the record of a training on a cluster, brought home by the framework it trained under."""
